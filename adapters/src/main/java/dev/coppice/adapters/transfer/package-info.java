/** How files of skill packs travel: values on a coarse grid, and a content coding that makes use of it. Believes nothing. */
@NullMarked
package dev.coppice.adapters.transfer;

import org.jspecify.annotations.NullMarked;
