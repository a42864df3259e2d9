using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.ApiClient;

/// <summary>
/// Reads answers of servers of other versions: what an answer lacks has the value that its initialiser gives, or is an empty text or list
/// where the contract allows no null; what it has more is left out.
/// </summary>
internal static class AnswerJson
{
    // The generated readers set an init property that is absent to null or 0; those by reflection leave it alone (dotnet/runtime issue 58770).
    private static readonly JsonSerializerOptions Reading = new(ApiJsonContext.Default.Options)
    {
        // The change feed has documents three levels below its own.
        MaxDepth = Storage.DocumentRules.MaxDepth + 3,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { FillAbsent } },
    };

    private static readonly ConcurrentDictionary<Type, Array> EmptyLists = new();

    /// <summary>The tolerant reader of a type. What is generated for it is not touched: both together would make a command start later.</summary>
    public static JsonTypeInfo<T> Tolerant<T>() => (JsonTypeInfo<T>)Reading.GetTypeInfo(typeof(T));

    private static void FillAbsent(JsonTypeInfo type)
    {
        var texts = new List<JsonPropertyInfo>();
        var lists = new List<JsonPropertyInfo>();
        foreach (var property in type.Properties.Where(property => property is { Get: not null, Set: not null }))
        {
            var mayBeNull = property.AssociatedParameter?.IsNullable ?? property.IsSetNullable;
            if (!mayBeNull)
            {
                (property.PropertyType == typeof(string) ? texts : IsList(property.PropertyType) ? lists : []).Add(property);
            }
        }

        if (texts.Count + lists.Count > 0)
        {
            type.OnDeserialized = read =>
            {
                foreach (var text in texts.Where(text => text.Get!(read) is null))
                {
                    text.Set!(read, "");
                }

                foreach (var list in lists.Where(list => list.Get!(read) is null))
                {
                    list.Set!(read, EmptyOf(list.PropertyType.GetGenericArguments()[0]));
                }

                if (lists.Exists(list => list.Get!(read) is IEnumerable<object?> items && items.Contains(null)))
                {
                    throw new JsonException("a list holds null");
                }
            };
        }
    }

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);

    private static Array EmptyOf(Type item) => EmptyLists.GetOrAdd(item, static element => Array.CreateInstance(element, 0));
}
