/** All state in one SQL database, by plain JDBC. The only home of SQL. */
@NullMarked
package dev.coppice.aggregator.store.jdbc;

import org.jspecify.annotations.NullMarked;
