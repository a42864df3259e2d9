using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Host.Documents;

namespace Orchestrator.Host.Demo;

/// <summary>
/// Makes orders of a shop: the same ones every time, of varied size (about 300 bytes to 20 KiB, 1 KiB on average, most
/// of them small), as documents of one collection are.
/// </summary>
internal static class DocumentGenerator
{
    /// <summary>About how large a document is on average, in bytes.</summary>
    public const int AverageBytes = 1100;

    private const int Seed = 4711;

    private static readonly string[] Cities = ["Berlin", "Lisbon", "Oslo", "Osaka", "Lima", "Nairobi", "Toronto", "Pune", "Perth", "Turin"];
    private static readonly string[] States = ["open", "paid", "shipped", "delivered", "returned"];
    private static readonly string[] Names = ["Ada", "Bela", "Chen", "Dana", "Emre", "Femi", "Gita", "Hugo", "Iris", "Jonas"];
    private static readonly string[] Words =
    [
        "gift", "wrap", "before", "noon", "ring", "twice", "leave", "with", "neighbour", "fragile", "keep", "dry", "left",
        "door", "call", "first", "pallet", "return", "label", "inside", "thanks", "again", "blue", "green", "size", "large",
    ];

    public static async IAsyncEnumerable<InputDocument> Generate(int count)
    {
        var random = new Random(Seed);
        for (var number = 1; number <= count; number++)
        {
            yield return Order(number, random);
            if (number % 1000 == 0)
            {
                await Task.Yield();
            }
        }
    }

    private static InputDocument Order(int number, Random random)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"order-{number:D8}");
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("_id", id);
            writer.WriteNumber("number", number);
            writer.WriteString("state", Pick(States, random));
            writer.WriteString("placedAt", new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(number * 37L));
            writer.WriteStartObject("customer");
            writer.WriteString("name", Pick(Names, random));
            writer.WriteString("city", Pick(Cities, random));
            writer.WriteNumber("since", 2005 + random.Next(20));
            writer.WriteEndObject();
            WriteItems(writer, random);
            writer.WriteString("note", Note(random));
            writer.WriteEndObject();
        }

        return new InputDocument(id, output.WrittenMemory);
    }

    private static void WriteItems(Utf8JsonWriter writer, Random random)
    {
        var total = 0;
        writer.WriteStartArray("items");
        for (var item = 1 + random.Next(5); item > 0; item--)
        {
            var cents = 199 + random.Next(50_000);
            total += cents;
            writer.WriteStartObject();
            writer.WriteString("sku", string.Create(CultureInfo.InvariantCulture, $"SKU-{random.Next(100_000):D5}"));
            writer.WriteNumber("quantity", 1 + random.Next(4));
            writer.WriteNumber("cents", cents);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("totalCents", total);
    }

    /// <summary>Most notes are short, some long: the length doubles with each further toss that comes up heads.</summary>
    private static string Note(Random random)
    {
        var words = 12;
        while (words < 3000 && random.Next(100) < 60)
        {
            words *= 2;
        }

        return string.Join(' ', Enumerable.Range(0, words).Select(_ => Pick(Words, random)));
    }

    private static string Pick(string[] from, Random random) => from[random.Next(from.Length)];
}
