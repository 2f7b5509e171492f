@NullMarked
package dev.scepsy.spring;

import org.jspecify.annotations.NullMarked;
