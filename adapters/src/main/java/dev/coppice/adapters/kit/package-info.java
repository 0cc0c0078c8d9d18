/** Training kits: all graphs that training needs, made once from a base model, verified before native code sees them. */
@NullMarked
package dev.coppice.adapters.kit;

import org.jspecify.annotations.NullMarked;
