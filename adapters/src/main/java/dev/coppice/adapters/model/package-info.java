/** Base models: a folder with a graph, a tokenizer and a description, opened only if the three agree. */
@NullMarked
package dev.coppice.adapters.model;

import org.jspecify.annotations.NullMarked;
