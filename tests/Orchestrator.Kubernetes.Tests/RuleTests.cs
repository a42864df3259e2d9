using System.Text.Json;
using Cel;
using YamlDotNet.Serialization;

namespace Orchestrator.Kubernetes.Tests;

/// <summary>The rules in CEL of the definitions, evaluated: the API server of the other tests is older than they are.</summary>
public sealed class RuleTests
{
    private const string Cluster = """ "clusterRef": { "name": "shop" } """;

    [Theory]
    [InlineData("compactionruns", "clusterRef cannot be changed", "{" + Cluster + "}", "{" + Cluster + "}", true)]
    [InlineData("compactionruns", "clusterRef cannot be changed", "{" + Cluster + "}", """{ "clusterRef": { "name": "other" } }""", false)]
    [InlineData("compactionruns", "scope cannot be changed", "{" + Cluster + "}", "{" + Cluster + "}", true)]
    [InlineData("compactionruns", "scope cannot be changed", """{ "scope": { "databases": ["a"] } }""", """{ "scope": { "databases": ["a"] } }""", true)]
    [InlineData("compactionruns", "scope cannot be changed", """{ "scope": { "databases": ["a", "b"] } }""", """{ "scope": { "databases": ["a"] } }""", false)]
    [InlineData("compactionruns", "scope cannot be changed", """{ "scope": { "databases": ["a"] } }""", "{}", false)]
    [InlineData("compactionruns", "scope cannot be changed", "{}", """{ "scope": { "databases": ["a"] } }""", false)]
    [InlineData("compactionruns", "give window or windowRefs", """{ "window": "nights" }""", null, true)]
    [InlineData("compactionruns", "give window or windowRefs", """{ "window": "nights", "windowRefs": [] }""", null, true)]
    [InlineData("compactionruns", "give window or windowRefs", """{ "windowRefs": [{ "name": "a" }] }""", null, true)]
    [InlineData("compactionruns", "give window or windowRefs", """{ "window": "nights", "windowRefs": [{ "name": "a" }] }""", null, false)]
    [InlineData("compactionclusters", "engine cannot be changed", """{ "engine": "a" }""", """{ "engine": "a" }""", true)]
    [InlineData("compactionclusters", "engine cannot be changed", """{ "engine": "b" }""", """{ "engine": "a" }""", false)]
    [InlineData("maintenanceholds", "clusterRef cannot be changed", "{" + Cluster + "}", "{" + Cluster + "}", true)]
    [InlineData("maintenanceholds", "clusterRef cannot be changed", "{" + Cluster + "}", """{ "clusterRef": { "name": "other" } }""", false)]
    [InlineData("compactionschedules", "give window or windowRefs", """{ "window": "nights" }""", null, true)]
    [InlineData("compactionschedules", "give window or windowRefs", """{ "window": "nights", "windowRefs": [{ "name": "a" }] }""", null, false)]
    [InlineData("maintenancewindows", "a window needs", """{ "weekly": ["SAT-22:00..SUN-06:00"] }""", null, true)]
    [InlineData("maintenancewindows", "a window needs", """{ "weekly": [], "cron": [{ "schedule": "0 2 * * *", "durationSeconds": 60 }] }""", null, true)]
    [InlineData("maintenancewindows", "a window needs", """{ "weekly": [] }""", null, false)]
    public void A_rule_allows_what_it_is_to_allow(string definition, string message, string self, string? oldSelf, bool expected)
    {
        var rule = Assert.Single(Rules(definition), rule => rule.Message.StartsWith(message, StringComparison.Ordinal));
        var values = new Dictionary<string, object?> { ["self"] = Value(JsonElement.Parse(self)), ["oldSelf"] = oldSelf is null ? null : Value(JsonElement.Parse(oldSelf)) };

        Assert.Equal(expected, new CelEnvironment([], "").Compile(rule.Expression).Invoke(values));
    }

    [Fact]
    public void Every_rule_is_tried()
    {
        var tried = typeof(RuleTests).GetMethod(nameof(A_rule_allows_what_it_is_to_allow))!
            .GetCustomAttributesData()
            .Where(data => data.AttributeType == typeof(InlineDataAttribute))
            .Select(data => ((IReadOnlyCollection<System.Reflection.CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!).Select(argument => argument.Value).ToList())
            .ToList();
        foreach (var definition in (string[])["compactionclusters", "compactionruns", "compactionschedules", "maintenanceholds", "maintenancewindows"])
        {
            Assert.All(Rules(definition), rule => Assert.Equal(
                [false, true],
                tried.Where(data => (string)data[0]! == definition && rule.Message.StartsWith((string)data[1]!, StringComparison.Ordinal)).Select(data => (bool)data[4]!).Distinct().Order()));
        }
    }

    private static List<(string Expression, string Message)> Rules(string definition)
    {
        var read = new DeserializerBuilder().Build().Deserialize<object>(File.ReadAllText(Repository.PathOf("k8s", "crds", $"{definition}.yaml")));
        var rules = new List<(string, string)>();
        Find(read, rules);
        return rules;
    }

    private static void Find(object? node, List<(string Expression, string Message)> rules)
    {
        if (node is IDictionary<object, object> fields)
        {
            if (fields.TryGetValue("rule", out var rule) && fields.TryGetValue("message", out var message))
            {
                rules.Add(((string)rule, (string)message));
            }

            foreach (var value in fields.Values)
            {
                Find(value, rules);
            }
        }
        else if (node is IList<object> items)
        {
            foreach (var item in items)
            {
                Find(item, rules);
            }
        }
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().ToDictionary(field => field.Name, field => Value(field.Value)),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetInt64(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
