//! The time. In production the database's clock decides leases; tests and the simulation pin it.

/// A clock.
pub trait Clock {
    /// Unix time in milliseconds, UTC. For what people see and for what is decided outside SQL.
    fn now_ms(&self) -> i64;

    /// The time that SQL shall use instead of the database's own clock. `None` in production, so that one
    /// clock, the database's, decides leases however many hosts there are.
    fn pinned_ms(&self) -> Option<i64>;

    /// A reading that never goes back, in milliseconds from some start. For time budgets.
    fn monotonic_ms(&self) -> i64;
}
