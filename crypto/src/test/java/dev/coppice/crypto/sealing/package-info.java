/** Tests of the package of the same name. */
@NullMarked
package dev.coppice.crypto.sealing;

import org.jspecify.annotations.NullMarked;
