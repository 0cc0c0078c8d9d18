/** Tests of the package of the same name. */
@NullMarked
package dev.coppice.crypto;

import org.jspecify.annotations.NullMarked;
