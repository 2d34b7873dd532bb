//! The ordered steps that lead from one state of the tables to another.

mod call;

pub use call::{
    Call, CreateIndex, DeleteIndex, DeleteTable, GlobalSecondaryIndexUpdate, UpdateTable,
};
