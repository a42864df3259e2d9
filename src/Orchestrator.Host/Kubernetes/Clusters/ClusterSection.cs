using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Kubernetes.Clusters;

/// <summary>
/// The spec of a CompactionCluster as the section of a configuration that an engine reads: <c>settings</c> as they are, with the endpoints and what
/// comes from Secrets in their places.
/// </summary>
internal sealed class ClusterSection
{
    /// <summary>In a setting's text: the endpoints without their scheme, with commas between them.</summary>
    private const string Placeholder = "$(endpoints)";

    private readonly JsonObject _fields;

    public ClusterSection(Resource cluster)
    {
        _fields = cluster.Spec["settings"]?.DeepClone() as JsonObject ?? [];
        _fields["engine"] = cluster.Text("spec", "engine");
    }

    /// <summary>The endpoints: in the place of the placeholder if a setting has one, else as the setting <c>endpoints</c>.</summary>
    public void SetEndpoints(IReadOnlyList<string> endpoints)
    {
        var hosts = string.Join(',', endpoints.Select(endpoint => endpoint[(endpoint.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0)..]));
        if (!Replace(_fields, hosts) && endpoints.Count > 0)
        {
            _fields["endpoints"] = new JsonArray([.. endpoints.Select(endpoint => (JsonNode)endpoint)]);
        }
    }

    /// <param name="setting">Its name, with dots between its parts.</param>
    public void Set(string setting, string value)
    {
        var parts = setting.Split('.');
        var section = _fields;
        foreach (var part in parts[..^1])
        {
            if (section[part] is not JsonObject below)
            {
                below = [];
                section[part] = below;
            }

            section = below;
        }

        section[parts[^1]] = value;
    }

    /// <summary>As HOCON, every value in quotes: nothing in it is a substitution or an include.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (key, value) in _fields)
        {
            Write(text, key, value);
        }

        return text.ToString();
    }

    private static bool Replace(JsonObject section, string hosts)
    {
        var found = false;
        foreach (var (key, value) in section.ToList())
        {
            if (value is JsonObject below)
            {
                found |= Replace(below, hosts);
            }
            else if (value is JsonValue && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is var text && text.Contains(Placeholder, StringComparison.Ordinal))
            {
                section[key] = text.Replace(Placeholder, hosts, StringComparison.Ordinal);
                found = true;
            }
        }

        return found;
    }

    private static void Write(StringBuilder text, string key, JsonNode? value)
    {
        text.Append(HoconText.Quote(key)).Append(" = ");
        WriteValue(text, value);
        text.Append('\n');
    }

    private static void WriteValue(StringBuilder text, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject section:
                text.Append("{\n");
                foreach (var (key, below) in section)
                {
                    Write(text, key, below);
                }

                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                foreach (var (index, item) in items.Index())
                {
                    text.Append(index > 0 ? ", " : "");
                    WriteValue(text, item);
                }

                text.Append(']');
                break;
            case null:
                text.Append("null");
                break;
            default:
                text.Append(HoconText.Quote(value.ToString()));
                break;
        }
    }
}
