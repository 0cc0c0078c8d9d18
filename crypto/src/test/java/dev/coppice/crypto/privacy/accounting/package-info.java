@NullMarked
package dev.coppice.crypto.privacy.accounting;

import org.jspecify.annotations.NullMarked;
