/**
 * State of the agent that survives a crash: journals that only grow, and files that are written whole or not at
 * all. Must never hold a lock across processes other than {@link dev.coppice.agent.store.HomeLock}, and must never
 * put what a record says into a message or a log.
 */
@NullMarked
package dev.coppice.agent.store;

import org.jspecify.annotations.NullMarked;
