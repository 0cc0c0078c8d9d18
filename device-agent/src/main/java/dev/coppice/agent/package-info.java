/**
 * What apps embed: {@link dev.coppice.agent.Agent} and the answers it gives. Starts no thread and keeps no static
 * state; whatever takes time takes it in the caller's thread. Must never put a person's text into a message or a log.
 */
@NullMarked
package dev.coppice.agent;

import org.jspecify.annotations.NullMarked;
