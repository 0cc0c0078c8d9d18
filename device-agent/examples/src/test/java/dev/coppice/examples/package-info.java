@NullMarked
package dev.coppice.examples;

import org.jspecify.annotations.NullMarked;
