/** Tests of the package of the same name. */
@NullMarked
package dev.coppice.crypto.internal;

import org.jspecify.annotations.NullMarked;
