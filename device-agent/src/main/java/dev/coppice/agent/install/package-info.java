/**
 * Skill packs on the device: kept, swapped as one, rolled back; and the personal adapter that sits on top of one of
 * them. Must never keep a pack that was not verified.
 */
@NullMarked
package dev.coppice.agent.install;

import org.jspecify.annotations.NullMarked;
