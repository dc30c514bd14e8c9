//! Hold the operations of wirings to the definition that `synapses` is.
