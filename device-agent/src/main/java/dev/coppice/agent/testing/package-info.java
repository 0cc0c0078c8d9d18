/** For the tests of apps that embed an agent. Must never be used in an app that people have. */
@NullMarked
package dev.coppice.agent.testing;

import org.jspecify.annotations.NullMarked;
