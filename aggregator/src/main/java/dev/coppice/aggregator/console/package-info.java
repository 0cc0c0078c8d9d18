/**
 * The operators' web pages: rendered here, kept fresh by events, nothing loaded from elsewhere. Shows sums and counts; must never
 * show a secret, nor anything of one device's update.
 */
@NullMarked
package dev.coppice.aggregator.console;

import org.jspecify.annotations.NullMarked;
