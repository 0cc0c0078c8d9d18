/** Blobs in an object store that speaks S3. The only home of its client. */
@NullMarked
package dev.coppice.aggregator.store.s3;

import org.jspecify.annotations.NullMarked;
