/**
 * Local examples to a delta, and how good given weights are on given examples. Must never send anything, nor train on
 * what is held out.
 */
@NullMarked
package dev.coppice.agent.training;

import org.jspecify.annotations.NullMarked;
