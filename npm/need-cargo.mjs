// The first step of scripts that run cargo.
import { needCargo } from './targets.mjs'

needCargo()
