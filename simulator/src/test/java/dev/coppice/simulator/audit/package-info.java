/** Audits of honest rounds, and of rounds whose privacy is broken on purpose. */
@NullMarked
package dev.coppice.simulator.audit;

import org.jspecify.annotations.NullMarked;
