//! The macro that generates types and dispatch from the list of settings.

/// Implements `Registered` for a setting: its field of tables and of the config's values, and its
/// variant of changes.
macro_rules! registered {
    ($setting:ty, $field:ident, $kind:ident) => {
        impl Registered for $setting {
            fn of(table: &TableDefinition) -> &Option<Self::Value> {
                &table.$field
            }

            fn of_mut(table: &mut TableDefinition) -> &mut Option<Self::Value> {
                &mut table.$field
            }

            fn stated(values: &mut SettingValues) -> &mut Option<Self::Value> {
                &mut values.$field
            }

            fn changed(change: Self::Change) -> SettingChange {
                SettingChange::$kind(change)
            }
        }
    };
}

/// Generates all code that depends on the list of settings: [`SettingKind`](super::SettingKind),
/// [`SettingChange`](crate::diff::SettingChange), [`Call`](crate::plan::Call),
/// [`AuxiliarySetting`](crate::model::AuxiliarySetting), and the macros with which a stage iterates over them:
///
/// - `for_each_setting!(S => …)`, `for_each_update_setting!(S => …)`,
///   `for_each_own_setting!(S => …)` repeat code, with `S` as each setting;
/// - `with_setting!(kind, S => …)` runs code for one setting;
/// - `match_change!(change, { pattern => …, }, S(change) => …)` matches a change: of throughput by
///   the patterns, of a setting by the code at the end;
/// - `match_call!(call, { pattern => …, }, request => …)` does the same for a call.
///
/// Each is a match over all settings, so that a setting without a method does not compile. The
/// first token is a `$`, because a macro cannot otherwise generate it in another macro.
macro_rules! registry {
    (
        $d:tt
        update {
            $(
                $Update:ident ($UpdateChange:ty) = $update_module:ident :: $UpdateSetting:ident
                    in $update_field:ident,
            )*
        }
        own {
            $(
                $Own:ident ($OwnChange:ty) = $own_module:ident :: $OwnSetting:ident
                    in $own_field:ident by $( $Operation:ident )|+,
            )*
        }
    ) => {
        $( pub(crate) mod $update_module; )*
        $( pub(crate) mod $own_module; )*

        /// The kind of a setting of a table. Throughput is not included: the billing mode and the
        /// numbers of a table and its indexes depend on each other, and are handled together.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum SettingKind {
            $(
                #[doc = concat!("See the module `", stringify!($update_module), "`.")]
                $Update,
            )*
            $(
                #[doc = concat!("See the module `", stringify!($own_module), "`.")]
                $Own,
            )*
        }

        impl SettingKind {
            /// All settings, in the order in which differences are listed.
            pub const ALL: &'static [Self] = &[ $( Self::$Update, )* $( Self::$Own, )* ];

            /// Returns the extra request that reads the setting, if `DescribeTable` does not.
            pub fn extra(self) -> Option<AuxiliarySetting> {
                match self {
                    $( Self::$Update => None, )*
                    $( Self::$Own => Some(AuxiliarySetting::$Own), )*
                }
            }
        }

        /// The settings of a table in a config, each as in a [definition](TableDefinition).
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct SettingValues {
            $( pub(crate) $update_field: Option<<$update_module::$UpdateSetting as Setting>::Value>, )*
            $( pub(crate) $own_field: Option<<$own_module::$OwnSetting as Setting>::Value>, )*
        }

        $(
            registry::registered!($update_module::$UpdateSetting, $update_field, $Update);

            impl InRequests for $update_module::$UpdateSetting {
                const KIND: SettingKind = SettingKind::$Update;

                fn of_update(request: &UpdateTable) -> &Option<Self::Value> {
                    &request.$update_field
                }

                fn of_update_mut(request: &mut UpdateTable) -> &mut Option<Self::Value> {
                    &mut request.$update_field
                }

                fn of_creation_mut(request: &mut CreateTable) -> &mut Option<Self::Value> {
                    &mut request.$update_field
                }
            }
        )*
        $( registry::registered!($own_module::$OwnSetting, $own_field, $Own); )*

        /// A change of one setting.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub enum SettingChange {
            /// The billing mode.
            BillingMode(ValueChange<BillingMode>),
            /// Provisioned capacity.
            Capacity(Owner, ValueChange<ProvisionedThroughput>),
            /// The on-demand maximum.
            OnDemandThroughput(Owner, ValueChange<OnDemandThroughput>),
            /// The warm throughput.
            WarmThroughput(Owner, ValueChange<WarmThroughput>),
            $(
                #[doc = concat!("See the module `", stringify!($update_module), "`.")]
                $Update($UpdateChange),
            )*
            $(
                #[doc = concat!("See the module `", stringify!($own_module), "`.")]
                $Own($OwnChange),
            )*
        }

        impl SettingChange {
            /// Returns the kind of the setting; `None` for throughput.
            pub fn kind(&self) -> Option<SettingKind> {
                match self {
                    Self::BillingMode(_)
                    | Self::Capacity(..)
                    | Self::OnDemandThroughput(..)
                    | Self::WarmThroughput(..) => None,
                    $( Self::$Update(_) => Some(SettingKind::$Update), )*
                    $( Self::$Own(_) => Some(SettingKind::$Own), )*
                }
            }

            /// Returns the table or index that throughput belongs to; `None` for other settings,
            /// which belong to a table as a whole.
            pub(crate) fn owner(&self) -> Option<&Owner> {
                match self {
                    Self::Capacity(owner, _)
                    | Self::OnDemandThroughput(owner, _)
                    | Self::WarmThroughput(owner, _) => Some(owner),
                    Self::BillingMode(_)
                    $( | Self::$Update(_) )*
                    $( | Self::$Own(_) )* => None,
                }
            }
        }

        /// A setting that `DescribeTable` does not return: each needs a request of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum AuxiliarySetting {
            $(
                #[doc = concat!("See the module `", stringify!($own_module), "`.")]
                $Own,
            )*
        }

        impl AuxiliarySetting {
            /// Returns the setting.
            pub fn kind(self) -> SettingKind {
                match self {
                    $( Self::$Own => SettingKind::$Own, )*
                }
            }
        }

        /// The settings to read in addition to those of `DescribeTable`.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct AuxiliarySettings {
            $(
                #[doc = concat!("See [`AuxiliarySetting::", stringify!($Own), "`].")]
                pub $own_module: bool,
            )*
            /// True to read the resources that are [attached to the table](SettingKind::attached),
            /// managed or not, as far as the server returns them.
            pub attachments: bool,
        }

        impl AuxiliarySettings {
            /// Only `DescribeTable`.
            pub const NONE: Self = Self { $( $own_module: false, )* attachments: false };
            /// All settings. Attached resources are read only as attachments.
            pub const ALL: Self = Self {
                $( $own_module: <$own_module::$OwnSetting as Setting>::ATTACHED.is_none(), )*
                attachments: true,
            };

            /// Returns the settings of both.
            #[must_use]
            pub fn union(self, other: Self) -> Self {
                Self {
                    $( $own_module: self.$own_module || other.$own_module, )*
                    attachments: self.attachments || other.attachments,
                }
            }

            /// Returns the settings that have to be read to compare a table with `definition`.
            pub fn managed_by(definition: &TableDefinition) -> Self {
                Self { $( $own_module: definition.$own_field.is_some(), )* attachments: false }
            }
        }

        impl From<AuxiliarySetting> for AuxiliarySettings {
            fn from(extra: AuxiliarySetting) -> Self {
                match extra {
                    $( AuxiliarySetting::$Own => Self { $own_module: true, ..Self::NONE }, )*
                }
            }
        }

        /// A control-plane call and its request.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Call {
            /// `CreateTable`.
            CreateTable(CreateTable),
            /// `UpdateTable`.
            UpdateTable(UpdateTable),
            /// `DeleteTable`.
            DeleteTable(DeleteTable),
            $($(
                #[doc = concat!("`", stringify!($Operation), "`.")]
                $Operation($own_module::$Operation),
            )+)*
        }

        impl Call {
            /// Returns the setting that the call changes, if the setting has calls of its own.
            pub fn setting(&self) -> Option<SettingKind> {
                match self {
                    Self::CreateTable(_) | Self::UpdateTable(_) | Self::DeleteTable(_) => None,
                    $($( Self::$Operation(_) => Some(SettingKind::$Own), )+)*
                }
            }

            /// Returns the names of the operation in the API and of its method in the AWS SDK for
            /// JavaScript.
            pub(crate) fn names(&self) -> (&'static str, &'static str) {
                match self {
                    Self::CreateTable(_) => ("CreateTable", "createTable"),
                    Self::UpdateTable(_) => ("UpdateTable", "updateTable"),
                    Self::DeleteTable(_) => ("DeleteTable", "deleteTable"),
                    $($(
                        Self::$Operation(_) => (
                            stringify!($Operation),
                            <$own_module::$Operation as Request>::METHOD,
                        ),
                    )+)*
                }
            }

            /// Returns the call with the calls of settings behind one interface.
            pub(crate) fn view(&self) -> View<'_> {
                match self {
                    Self::CreateTable(request) => View::CreateTable(request),
                    Self::UpdateTable(request) => View::UpdateTable(request),
                    Self::DeleteTable(request) => View::DeleteTable(request),
                    $($( Self::$Operation(request) => View::Setting(request), )+)*
                }
            }
        }

        /// The methods of settings, each with the parser of its request.
        pub(crate) const METHODS: &[Method] = &[
            $($(
                (<$own_module::$Operation as Request>::METHOD, |request| {
                    <$own_module::$Operation as Request>::parse(request).map(Call::$Operation)
                }),
            )+)*
        ];

        macro_rules! for_each_setting {
            ($d S:ident => $d body:expr) => {{
                $crate::settings::for_each_update_setting!($d S => $d body);
                $crate::settings::for_each_own_setting!($d S => $d body);
            }};
        }
        pub(crate) use for_each_setting;

        macro_rules! for_each_update_setting {
            ($d S:ident => $d body:expr) => {{
                $( {
                    type $d S = $crate::settings::$update_module::$UpdateSetting;
                    $d body;
                } )*
            }};
        }
        pub(crate) use for_each_update_setting;

        macro_rules! for_each_own_setting {
            ($d S:ident => $d body:expr) => {{
                $( {
                    type $d S = $crate::settings::$own_module::$OwnSetting;
                    $d body;
                } )*
            }};
        }
        pub(crate) use for_each_own_setting;

        macro_rules! with_setting {
            ($d kind:expr, $d S:ident => $d body:expr) => {
                match $d kind {
                    $( $crate::settings::SettingKind::$Update => {
                        type $d S = $crate::settings::$update_module::$UpdateSetting;
                        $d body
                    } )*
                    $( $crate::settings::SettingKind::$Own => {
                        type $d S = $crate::settings::$own_module::$OwnSetting;
                        $d body
                    } )*
                }
            };
        }
        pub(crate) use with_setting;

        macro_rules! match_change {
            (
                $d change:expr,
                { $d( $d pattern:pat => $d result:expr, )* },
                $d S:ident($d own:ident) => $d body:expr
            ) => {
                match $d change {
                    $d( $d pattern => $d result, )*
                    $( $crate::diff::SettingChange::$Update($d own) => {
                        type $d S = $crate::settings::$update_module::$UpdateSetting;
                        $d body
                    } )*
                    $( $crate::diff::SettingChange::$Own($d own) => {
                        type $d S = $crate::settings::$own_module::$OwnSetting;
                        $d body
                    } )*
                }
            };
        }
        pub(crate) use match_change;

        macro_rules! match_call {
            (
                $d call:expr,
                { $d( $d pattern:pat => $d result:expr, )* },
                $d request:ident => $d body:expr
            ) => {
                match $d call {
                    $d( $d pattern => $d result, )*
                    $($( $crate::plan::Call::$Operation($d request) => $d body, )+)*
                }
            };
        }
        pub(crate) use match_call;
    };
}

pub(super) use {registered, registry};
