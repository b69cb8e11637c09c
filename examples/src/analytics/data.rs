//! What the analytics server knows: a handful of made-up customers, models and exports.

/// A customer, with what only some may see of them.
#[derive(Debug)]
pub(super) struct Customer {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) ssn: &'static str,
    pub(super) internal_notes: &'static str,
    pub(super) classification: &'static str,
    pub(super) lifetime_value: u32,
}

/// A group of customers.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) name: &'static str,
    pub(super) customers: u64,
}

/// A model that can be run.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) id: &'static str,
    pub(super) kind: &'static str,
    pub(super) accuracy: f64,
}

/// A pipeline that can be managed.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) id: &'static str,
    pub(super) schedule: &'static str,
}

/// An export that was made some time ago.
#[derive(Debug)]
pub(super) struct Export {
    pub(super) id: &'static str,
    pub(super) dataset: &'static str,
    pub(super) department: &'static str,
    pub(super) classification: &'static str,
    pub(super) rows: u64,
}

pub(super) const CUSTOMERS: [Customer; 3] = [
    Customer {
        id: "C-10042",
        name: "Ada Lindqvist",
        email: "ada.lindqvist@mail.example",
        ssn: "123-45-6789",
        internal_notes: "Disputed two invoices; talk to legal first.",
        classification: "confidential",
        lifetime_value: 48_200,
    },
    Customer {
        id: "C-10078",
        name: "Jonas Okafor",
        email: "jonas.okafor@mail.example",
        ssn: "987-65-4321",
        internal_notes: "Wants to be called in the evening.",
        classification: "internal",
        lifetime_value: 31_750,
    },
    Customer {
        id: "C-10135",
        name: "Rosa Menendez",
        email: "rosa.menendez@mail.example",
        ssn: "555-12-3456",
        internal_notes: "Reference customer.",
        classification: "internal",
        lifetime_value: 27_900,
    },
];

pub(super) const SEGMENTS: [Segment; 4] = [
    Segment {
        name: "high_value",
        customers: 1_248,
    },
    Segment {
        name: "at_risk",
        customers: 312,
    },
    Segment {
        name: "new_customers",
        customers: 2_067,
    },
    Segment {
        name: "enterprise",
        customers: 86,
    },
];

/// What is known of the customers of a segment.
pub(super) const SEGMENT_FIELDS: [&str; 4] = ["names", "emails", "purchase_history", "demographics"];

pub(super) const MODELS: [Model; 2] = [
    Model {
        id: "churn-predictor-v3",
        kind: "classifier",
        accuracy: 0.91,
    },
    Model {
        id: "ltv-estimator-v2",
        kind: "regression",
        accuracy: 0.84,
    },
];

pub(super) const PIPELINES: [Pipeline; 3] = [
    Pipeline {
        id: "etl-web-traffic",
        schedule: "hourly",
    },
    Pipeline {
        id: "etl-customer-segments",
        schedule: "daily",
    },
    Pipeline {
        id: "etl-model-features",
        schedule: "daily",
    },
];

pub(super) const EXPORTS: [Export; 3] = [
    Export {
        id: "EXP-001",
        dataset: "web_traffic",
        department: "marketing",
        classification: "public",
        rows: 120_400,
    },
    Export {
        id: "EXP-002",
        dataset: "customer_ltv",
        department: "finance",
        classification: "confidential",
        rows: 8_930,
    },
    Export {
        id: "EXP-003",
        dataset: "feature_usage",
        department: "product",
        classification: "internal",
        rows: 45_210,
    },
];

/// The customer of this id.
pub(super) fn customer(id: &str) -> Option<&'static Customer> {
    CUSTOMERS.iter().find(|customer| customer.id == id)
}

/// The segment of this name.
pub(super) fn segment(name: &str) -> Option<&'static Segment> {
    SEGMENTS.iter().find(|segment| segment.name == name)
}

/// The model of this id.
pub(super) fn model(id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.id == id)
}
