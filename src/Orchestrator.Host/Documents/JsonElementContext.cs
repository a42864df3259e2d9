using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Host.Documents;

/// <summary>Reads JSON of any shape.</summary>
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class JsonElementContext : JsonSerializerContext;
