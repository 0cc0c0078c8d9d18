/** Tests of where adapters go. */
@NullMarked
package dev.coppice.adapters.lora;

import org.jspecify.annotations.NullMarked;
