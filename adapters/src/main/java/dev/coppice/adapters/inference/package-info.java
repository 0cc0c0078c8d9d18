/**
 * A base model at work on the device: texts generated, classified and scored with any adapters on top, which change
 * without the model being loaded again. Never trains, and never logs or keeps a text.
 */
@NullMarked
package dev.coppice.adapters.inference;

import org.jspecify.annotations.NullMarked;
