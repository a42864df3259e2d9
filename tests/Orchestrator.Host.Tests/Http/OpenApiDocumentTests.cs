using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Orchestrator.Host.Tests.Http;

/// <summary>Rewrite the committed document with REWRITE_GOLDEN=1.</summary>
public sealed class OpenApiDocumentTests
{
    [Fact]
    public async Task The_committed_document_is_the_served_one()
    {
        await using var api = await ApiHost.Start();
        var served = (await api.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var file = Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "docs", "openapi.v1.json"));
        if (Environment.GetEnvironmentVariable("REWRITE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(file, served);
        }

        Assert.Equal(await File.ReadAllTextAsync(file), served);
    }

    [Fact]
    public async Task Every_operation_has_a_name_a_summary_and_described_answers()
    {
        await using var api = await ApiHost.Start();
        var document = JsonElement.Parse(await api.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));

        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).ToList();
        Assert.True(operations.Count >= 20, $"only {operations.Count} operations");
        Assert.All(operations, operation =>
        {
            Assert.NotEmpty(operation.Value.GetProperty("operationId").GetString()!);
            Assert.NotEmpty(operation.Value.GetProperty("summary").GetString()!);
            Assert.NotEmpty(operation.Value.GetProperty("responses").EnumerateObject());
        });
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
