/** Who may do what: the operator's token, tokens of an identity provider, sessions of the console. Must never log a token. */
@NullMarked
package dev.coppice.aggregator.access;

import org.jspecify.annotations.NullMarked;
