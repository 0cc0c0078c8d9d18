@NullMarked
package dev.coppice.crypto.transparency;

import org.jspecify.annotations.NullMarked;
