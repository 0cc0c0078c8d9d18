@NullMarked
package dev.coppice.crypto.trust;

import org.jspecify.annotations.NullMarked;
