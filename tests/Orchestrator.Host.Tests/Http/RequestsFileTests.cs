using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Host.Tests.Http;

/// <summary>The examples in <c>requests.http</c> against the committed description of the API.</summary>
public sealed partial class RequestsFileTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "..", "..", ".."));

    private static readonly IReadOnlyList<Operation> Operations = ReadOperations();

    private static readonly IReadOnlyList<(string Method, string Path, IReadOnlyList<string> Query, string Body)> Requests = ReadRequests();

    [Fact]
    public void Every_request_is_one_that_the_API_has_with_parameters_that_it_knows()
    {
        Assert.All(Requests, request =>
        {
            var operation = Find(request.Method, request.Path);
            Assert.True(operation is not null, $"there is no {request.Method} {request.Path}");
            Assert.Subset(operation!.Query.ToHashSet(), request.Query.ToHashSet());
        });
    }

    [Fact]
    public void Every_operation_of_the_API_has_a_request()
    {
        var asked = Requests.Select(request => Find(request.Method, request.Path)).ToHashSet();

        Assert.Empty(Operations.Where(operation => !asked.Contains(operation)).Select(operation => $"{operation.Method} {operation.Path}"));
    }

    [Fact]
    public void Every_JSON_body_is_JSON()
    {
        Assert.All(Requests.Where(request => request.Body.Length > 0), request =>
            Assert.All(request.Body.Split('\n'), line => Assert.Equal(JsonValueKind.Object, JsonElement.Parse(line).ValueKind)));
    }

    /// <summary>A name in the path goes before a variable.</summary>
    private static Operation? Find(string method, string path) => Operations
        .Where(operation => operation.Method == method
            && Regex.IsMatch(path, $"^{Variable().Replace(Regex.Escape(operation.Path).Replace("}", "\\}", StringComparison.Ordinal), "[^/]+")}$", RegexOptions.CultureInvariant))
        .MinBy(operation => operation.Path.Count(c => c == '{'));

    private static List<Operation> ReadOperations()
    {
        var document = JsonElement.Parse(File.ReadAllText(Path.Combine(Root, "docs", "openapi.v1.json")));
        return
        [
            .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => new Operation(
                operation.Name.ToUpperInvariant(),
                path.Name,
                operation.Value.TryGetProperty("parameters", out var parameters)
                    ? [.. parameters.EnumerateArray().Where(one => one.GetProperty("in").GetString() == "query").Select(one => one.GetProperty("name").GetString()!)]
                    : []))),
            new Operation("GET", "/openapi/v1.json", []),
        ];
    }

    private static List<(string Method, string Path, IReadOnlyList<string> Query, string Body)> ReadRequests()
    {
        var text = File.ReadAllText(Path.Combine(Root, "requests.http")).ReplaceLineEndings("\n");
        var variables = Definition().Matches(text).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        var blocks = RequestLine().Matches(text);
        return [.. blocks.Select(match =>
        {
            var url = match.Groups[2].Value;
            while (Use().Match(url) is { Success: true } use)
            {
                url = url.Replace(use.Value, variables[use.Groups[1].Value], StringComparison.Ordinal);
            }

            var target = new Uri(url);
            var end = text.IndexOf("\n###", match.Index, StringComparison.Ordinal);
            var parts = (end < 0 ? text[match.Index..] : text[match.Index..end]).Split("\n\n", 2);
            return (
                match.Groups[1].Value,
                target.AbsolutePath,
                (IReadOnlyList<string>)[.. target.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')[0])],
                parts.ElementAtOrDefault(1)?.Trim() ?? "");
        })];
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    [GeneratedRegex(@"\\\{[^}]+\\\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^@(\w+) = (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Definition();

    [GeneratedRegex(@"^(GET|PUT|POST|DELETE|PATCH) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Use();

    private sealed record Operation(string Method, string Path, IReadOnlyList<string> Query);
}
