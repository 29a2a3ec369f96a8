//! `fermyon:spin/variables`: a component sees the variables that its manifest entry maps.

use crate::instance::Instance;
use crate::interfaces::imports::fermyon::spin::variables::{Error, Host};
use crate::variables::check_name;

impl Host for Instance {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<String, Error>> {
        if let Err(complaint) = check_name(&name) {
            return Ok(Err(Error::InvalidName(complaint)));
        }
        let undefined = || Error::Undefined(format!("no variable for {:?}.{name:?}", self.guest.id));
        Ok(self.guest.variables.get(&name).cloned().ok_or_else(undefined))
    }
}
