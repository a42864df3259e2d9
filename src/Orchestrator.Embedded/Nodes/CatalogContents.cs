using System.Buffers;
using System.Text;
using System.Text.Json;
using Orchestrator.Storage;
using Orchestrator.Storage.Feed;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Embedded.Nodes;

/// <summary>
/// What the catalog's documents say: which collections exist and which indexes they have. A collection is a document
/// <c>collection:DB/COLL</c> with <c>{"database","collection"}</c> and, where they are set, <c>compression</c>, <c>level</c>,
/// <c>maxBytes</c> and <c>maxDocuments</c>; an index a document <c>index:DB/COLL#NAME</c> with
/// <c>{"database","collection","name","path"}</c>. Where collections of a name were dropped, <c>dropped:DB/COLL</c> with
/// <c>{"database","collection","times","term"}</c> says how many, and the documents of a later one have its <c>incarnation</c>: files and feed
/// of one are never taken for those of another. Once a majority has that document, its <c>settled</c> allows to remove the files.
/// </summary>
internal sealed record CatalogContents(IReadOnlyDictionary<CollectionName, CollectionSettings> Collections)
{
    /// <summary>Documents in a catalog at most.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>Names of which collections were dropped, at most: their documents stay in the catalog.</summary>
    public const int MaxDroppedNames = 50_000;

    /// <summary>Names of which collections were dropped.</summary>
    public IReadOnlyDictionary<CollectionName, DroppedCollections> Dropped { get; init; } = new Dictionary<CollectionName, DroppedCollections>();

    public static CatalogContents Empty { get; } = new(new Dictionary<CollectionName, CollectionSettings>());

    public static string CollectionId(CollectionName name) => $"collection:{name}";

    public static string IndexId(CollectionName name, string index) => $"index:{name}#{index}";

    public static string DroppedId(CollectionName name) => $"dropped:{name}";

    /// <summary>Which collection of its name the present, or next, one is.</summary>
    public int IncarnationOf(CollectionName name) => Dropped.TryGetValue(name, out var dropped) ? dropped.Times + 1 : 1;

    /// <summary>The collection's document with its settings; the indexes have documents of their own.</summary>
    public static byte[] CollectionBody(CollectionName name, CollectionSettings settings, int incarnation = 1)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("database", name.Database);
            writer.WriteString("collection", name.Collection);
            if (incarnation > 1)
            {
                writer.WriteNumber("incarnation", incarnation);
            }

            if (settings.Compression.Codec != CompressionCodec.None)
            {
                writer.WriteString("compression", settings.Compression.CodecName);
                writer.WriteNumber("level", settings.Compression.Level);
            }

            if (settings.Cap?.MaxBytes is { } maxBytes)
            {
                writer.WriteNumber("maxBytes", maxBytes);
            }

            if (settings.Cap?.MaxDocuments is { } maxDocuments)
            {
                writer.WriteNumber("maxDocuments", maxDocuments);
            }

            writer.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    /// <param name="term">The term of the primary that writes it: each one writes it itself before it counts on a majority.</param>
    public static byte[] DroppedBody(CollectionName name, int times, long term, bool settled) => Encoding.UTF8.GetBytes(
        $"{{\"database\":{JsonText(name.Database)},\"collection\":{JsonText(name.Collection)},"
        + $"\"times\":{times},\"term\":{term}{(settled ? ",\"settled\":true" : "")}}}");

    public static byte[] IndexBody(CollectionName name, IndexDefinition index, int incarnation = 1) => Encoding.UTF8.GetBytes(
        $"{{\"database\":{JsonText(name.Database)},\"collection\":{JsonText(name.Collection)},"
        + $"\"name\":{JsonText(index.Name)},\"path\":{JsonText(index.JsonPath)}{(incarnation == 1 ? "" : $",\"incarnation\":{incarnation}")}}}");

    /// <summary>Reads all live documents of the catalog. An index of an unknown collection is left out.</summary>
    /// <exception cref="JsonException">A document is not of a form above; the message names it.</exception>
    public static CatalogContents Read(IReadOnlyList<StoredDocument> documents)
    {
        var collections = new Dictionary<CollectionName, List<IndexDefinition>>();
        var settings = new Dictionary<CollectionName, CollectionSettings>();
        var dropped = new Dictionary<CollectionName, DroppedCollections>();
        foreach (var document in documents.Where(document => document.Id.StartsWith("dropped:", StringComparison.Ordinal)))
        {
            using var body = Parse(document);
            var settled = body.RootElement.TryGetProperty("settled", out var value) && value.ValueKind == JsonValueKind.True;
            dropped[NameIn(body, document.Id)] = new DroppedCollections((int)(Number(body, "times") ?? 1), settled, document.Rev);
        }

        foreach (var document in documents.Where(document => document.Id.StartsWith("collection:", StringComparison.Ordinal)))
        {
            using var body = Parse(document);
            var name = NameIn(body, document.Id);
            if (IsDropped(body, name, dropped))
            {
                // Read before it was dropped, and the rest after that: documents are not read of one instant.
                continue;
            }

            collections[name] = [];
            settings[name] = SettingsIn(body, document.Id);
        }

        foreach (var document in documents.Where(document => document.Id.StartsWith("index:", StringComparison.Ordinal)))
        {
            using var body = Parse(document);
            var name = NameIn(body, document.Id);
            if (collections.TryGetValue(name, out var indexes) && !IsDropped(body, name, dropped))
            {
                indexes.Add(new IndexDefinition(Text(body, "name", document.Id), Text(body, "path", document.Id)));
            }
        }

        return new CatalogContents(collections.ToDictionary(
            entry => entry.Key,
            entry => settings[entry.Key] with { Indexes = [.. entry.Value.OrderBy(index => index.Name, StringComparer.Ordinal)] }))
        {
            Dropped = dropped,
        };
    }

    /// <summary>The contents with other settings of a collection that is there.</summary>
    public CatalogContents With(CollectionName name, CollectionSettings settings) =>
        this with { Collections = new Dictionary<CollectionName, CollectionSettings>(Collections) { [name] = settings } };

    /// <summary>The contents without a collection that was dropped.</summary>
    public CatalogContents Without(CollectionName name, int incarnation)
    {
        var others = new Dictionary<CollectionName, CollectionSettings>(Collections);
        if (IncarnationOf(name) != incarnation || !others.Remove(name))
        {
            return this;
        }

        var dropped = new Dictionary<CollectionName, DroppedCollections>(Dropped) { [name] = new DroppedCollections(incarnation, false, "") };
        return this with { Collections = others, Dropped = dropped };
    }

    /// <summary>The contents with one more collection.</summary>
    public CatalogContents With(CollectionName name) => Collections.ContainsKey(name)
        ? this
        : With(name, CollectionSettings.Default);

    private static bool IsDropped(JsonDocument body, CollectionName name, Dictionary<CollectionName, DroppedCollections> dropped) =>
        (Number(body, "incarnation") ?? 1) <= (dropped.GetValueOrDefault(name)?.Times ?? 0);

    private static JsonDocument Parse(StoredDocument document)
    {
        try
        {
            return JsonDocument.Parse(document.Body);
        }
        catch (JsonException e)
        {
            throw new JsonException($"the catalog's document '{document.Id}' is not JSON: {e.Message}", e);
        }
    }

    private static CollectionName NameIn(JsonDocument body, string id) => new(Text(body, "database", id), Text(body, "collection", id));

    private static CollectionSettings SettingsIn(JsonDocument body, string id)
    {
        try
        {
            var codec = body.RootElement.TryGetProperty("compression", out var named) ? named.GetString() ?? "" : "none";
            var (maxBytes, maxDocuments) = (Number(body, "maxBytes"), Number(body, "maxDocuments"));
            return CollectionSettings.Default with
            {
                Compression = CompressionSetting.Create(codec, (int?)Number(body, "level")),
                Cap = maxBytes is null && maxDocuments is null ? null : new CapLimit(maxBytes, maxDocuments),
            };
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException)
        {
            throw new JsonException($"the catalog's document '{id}' has wrong settings: {e.Message}", e);
        }
    }

    private static long? Number(JsonDocument body, string name) =>
        body.RootElement.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    private static string Text(JsonDocument body, string name, string id) =>
        body.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new JsonException($"the catalog's document '{id}' has no text '{name}'");

    private static string JsonText(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}

/// <summary>Collections of one name that were dropped.</summary>
/// <param name="Times">How many.</param>
/// <param name="Settled">
/// Whether a majority is known to have that: no primary can come that does not, and the files are removed. Before, the catalog may yet be rolled
/// back, and the files may be the only copies that some acknowledged writes have beside another member's.
/// </param>
/// <param name="Rev">Revision of the document that says so; empty before it is read.</param>
internal sealed record DroppedCollections(int Times, bool Settled, string Rev);
