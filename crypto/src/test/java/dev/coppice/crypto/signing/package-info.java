/** Tests of the package of the same name. */
@NullMarked
package dev.coppice.crypto.signing;

import org.jspecify.annotations.NullMarked;
