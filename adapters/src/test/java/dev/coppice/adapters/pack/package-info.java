/** Tests of the contents of skill packs. */
@NullMarked
package dev.coppice.adapters.pack;

import org.jspecify.annotations.NullMarked;
