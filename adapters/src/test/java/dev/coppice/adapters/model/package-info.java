/** Tests of base models. */
@NullMarked
package dev.coppice.adapters.model;

import org.jspecify.annotations.NullMarked;
