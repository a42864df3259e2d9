using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Host.Documents;

/// <summary>Reads JSON of any shape, also deeper than a document may be: that is said by the rule of documents.</summary>
[JsonSourceGenerationOptions(MaxDepth = 1000)]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class JsonElementContext : JsonSerializerContext;
