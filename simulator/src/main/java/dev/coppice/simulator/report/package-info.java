/** What a run tells people: the table, {@code summary.json} and {@code report.html}. Computes no result of its own. */
@NullMarked
package dev.coppice.simulator.report;

import org.jspecify.annotations.NullMarked;
