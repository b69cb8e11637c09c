//! The server: an ordinary rmcp server with a few files, which enforces nothing.

use std::{
    collections::BTreeMap,
    fmt,
    fs::OpenOptions,
    io::{self, Write as _},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rmcp::{
    ServerHandler,
    handler::server::{router::tool::ToolRouter, wrapper::Parameters},
    model::{Implementation, ServerCapabilities, ServerConfig},
    tool, tool_handler, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A server with a few files in memory, the weather, and tools of every degree of harm.
pub struct Workshop {
    tool_router: ToolRouter<Self>,
    files: Mutex<BTreeMap<String, String>>,
    effects: Effects,
}

/// Notes each call that reaches the server, so that it can be seen from outside which did.
#[derive(Debug, Default)]
pub struct Effects(Option<Mutex<std::fs::File>>);

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Numbers {
    a: i64,
    b: i64,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct City {
    city: String,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct FilePath {
    path: String,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct NewFile {
    path: String,
    content: String,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Code {
    code: String,
}

impl Effects {
    /// Appends a line of JSON to this file for each call: `{"tool": …, "arguments": …}`.
    ///
    /// # Errors
    /// When the file can't be opened.
    pub fn to_file(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Some(Mutex::new(file))))
    }

    fn note(&self, tool: &str, arguments: &impl Serialize) -> Result<(), String> {
        let Some(file) = &self.0 else { return Ok(()) };
        let line = format!("{}\n", json!({"tool": tool, "arguments": arguments}));
        file.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(line.as_bytes())
            .map_err(|error| error.to_string())
    }
}

impl Workshop {
    /// The server with its files.
    pub fn new(effects: Effects) -> Self {
        let files = [
            ("notes/today.md", "Order timber. Call Ines."),
            ("payroll/may.csv", "ines,2900\ntom,2700"),
        ];
        Self {
            tool_router: Self::tool_router(),
            files: Mutex::new(
                files
                    .map(|(path, content)| (path.to_owned(), content.to_owned()))
                    .into(),
            ),
            effects,
        }
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tool_router]
impl Workshop {
    #[tool(description = "Adds two whole numbers", annotations(read_only_hint = true))]
    fn add(&self, Parameters(numbers): Parameters<Numbers>) -> Result<String, String> {
        self.effects.note("add", &numbers)?;
        let sum = numbers.a.checked_add(numbers.b).ok_or("the sum is too large")?;
        Ok(sum.to_string())
    }

    #[tool(
        description = "Says how the weather is in a city",
        annotations(read_only_hint = true)
    )]
    fn get_weather(&self, Parameters(city): Parameters<City>) -> Result<String, String> {
        self.effects.note("get_weather", &city)?;
        Ok(format!("{}: 14 degrees, light rain", city.city))
    }

    #[tool(description = "Lists the files", annotations(read_only_hint = true))]
    fn list_files(&self) -> Result<String, String> {
        self.effects.note("list_files", &json!({}))?;
        Ok(self.files().keys().cloned().collect::<Vec<_>>().join(", "))
    }

    #[tool(description = "Reads a file", annotations(read_only_hint = true))]
    fn read_file(&self, Parameters(file): Parameters<FilePath>) -> Result<String, String> {
        self.effects.note("read_file", &file)?;
        let content = self.files().get(&file.path).cloned();
        content.ok_or_else(|| format!("there is no file {}", file.path))
    }

    #[tool(description = "Writes a file, over an old one if there is one")]
    fn write_file(&self, Parameters(file): Parameters<NewFile>) -> Result<String, String> {
        self.effects.note("write_file", &file)?;
        let written = format!("{} bytes written to {}", file.content.len(), file.path);
        self.files().insert(file.path, file.content);
        Ok(written)
    }

    #[tool(description = "Deletes a file", annotations(destructive_hint = true))]
    fn delete_file(&self, Parameters(file): Parameters<FilePath>) -> Result<String, String> {
        self.effects.note("delete_file", &file)?;
        let deleted = self.files().remove(&file.path);
        deleted
            .map(|_| format!("{} deleted", file.path))
            .ok_or_else(|| format!("there is no file {}", file.path))
    }

    #[tool(
        description = "Runs a script on the machine",
        annotations(destructive_hint = true)
    )]
    fn execute_script(&self, Parameters(script): Parameters<Code>) -> Result<String, String> {
        self.effects.note("execute_script", &script)?;
        Ok("done".to_owned())
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Workshop {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("workshop", env!("CARGO_PKG_VERSION")))
    }
}

impl fmt::Debug for Workshop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workshop").finish_non_exhaustive()
    }
}
