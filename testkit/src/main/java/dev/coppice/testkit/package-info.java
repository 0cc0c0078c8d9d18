/**
 * Seeds, clocks, fixtures and files for tests. Knows no other module, and no shipped code may depend on it: its
 * randomness can be reproduced by anyone.
 */
@NullMarked
package dev.coppice.testkit;

import org.jspecify.annotations.NullMarked;
