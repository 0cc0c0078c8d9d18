/**
 * The contents of a skill pack: what Hugging Face PEFT and ONNX Runtime load, skill.json, and the aggregator's signed word
 * for the rounds that made it. Who may release a pack is not decided here.
 */
@NullMarked
package dev.coppice.adapters.pack;

import org.jspecify.annotations.NullMarked;
