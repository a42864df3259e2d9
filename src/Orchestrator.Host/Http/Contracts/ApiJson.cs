using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Host.Http.Contracts;

/// <summary>The API's JSON.</summary>
internal static class ApiJson
{
    /// <summary>The bodies travel as JSON of their own, never inside HTML, so only what JSON demands is escaped.</summary>
    public static ApiJsonContext Context { get; } = new(new JsonSerializerOptions(ApiJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = null,
    });
}
