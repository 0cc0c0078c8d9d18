/** The contents of a skill pack: what Hugging Face PEFT loads, and skill.json. Signs and verifies nothing. */
@NullMarked
package dev.coppice.adapters.pack;

import org.jspecify.annotations.NullMarked;
