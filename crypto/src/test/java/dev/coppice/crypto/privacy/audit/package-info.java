/** Tests of the audits against published values, and against what they are there to see. */
@NullMarked
package dev.coppice.crypto.privacy.audit;

import org.jspecify.annotations.NullMarked;
