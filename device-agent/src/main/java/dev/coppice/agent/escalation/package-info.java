/**
 * Where this device is not sure, a larger model elsewhere may be asked: only what is redacted leaves, only with consent,
 * within a budget, and never without an answer of the device's own. Must never send what is not redacted.
 */
@NullMarked
package dev.coppice.agent.escalation;

import org.jspecify.annotations.NullMarked;
