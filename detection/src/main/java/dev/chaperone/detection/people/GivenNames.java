// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.people;

import dev.chaperone.detection.people.Table.Cell;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Given names that are common in several countries: evidence that a column holds people. */
final class GivenNames {
    private static final Set<String> NAMES =
            Stream.of(
                            ("james john robert michael william david richard joseph thomas charles christopher daniel matthew "
                                            + "anthony mark donald steven paul andrew joshua kenneth kevin brian george edward ronald "
                                            + "timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott "
                                            + "brandon benjamin samuel gregory frank alexander raymond patrick jack dennis jerry tyler "
                                            + "aaron jose adam henry nathan douglas zachary peter kyle walter ethan jeremy harold keith "
                                            + "christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan joe "
                                            + "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty "
                                            + "margaret sandra ashley kimberly emily donna michelle carol amanda dorothy melissa deborah "
                                            + "stephanie rebecca sharon laura cynthia kathleen amy angela shirley anna brenda pamela emma "
                                            + "nicole helen samantha katherine christine debra rachel carolyn janet catherine maria "
                                            + "heather diane ruth julie olivia joyce virginia victoria kelly lauren christina joan evelyn "
                                            + "judith megan andrea cheryl hannah jacqueline martha gloria teresa ann sara madison frances "
                                            + "kathryn janice jean abigail alice julia judy sophia grace denise amber doris marilyn "
                                            + "danielle beverly isabella theresa diana natalie brittany charlotte marie kayla alexis lori "
                                            + "hans klaus jürgen wolfgang stefan andreas uwe jens matthias tobias sebastian florian lukas "
                                            + "jonas felix leon finn maximilian moritz jan tim nico dieter heinz günter manfred ralf bernd "
                                            + "sven markus sabine petra ursula monika claudia birgit heike anja silke katrin nadine "
                                            + "johanna lea lena mia marlene greta frieda ingrid helga renate gisela anke ute carlos luis "
                                            + "javier antonio manuel francisco miguel rafael pedro alejandro fernando sergio pablo jorge "
                                            + "diego alberto ricardo juan carmen dolores pilar lucia elena isabel ana rosa marta cristina "
                                            + "paula raquel beatriz sofia valentina camila pierre jean-pierre michel philippe alain "
                                            + "nicolas françois laurent julien antoine louis hugo lucas jules camille chloé manon léa "
                                            + "inès juliette céline sophie isabelle nathalie sylvie valérie giovanni giuseppe marco luca "
                                            + "matteo francesca giulia chiara alessandro lorenzo paolo mohammed muhammad ahmed ali omar "
                                            + "hassan ibrahim yusuf fatima aisha khadija mehmet mustafa ayşe fatma emre elif raj priya "
                                            + "amit rahul anjali sunita vikram arjun deepak neha sanjay wei li ming jing hiroshi yuki "
                                            + "kenji sakura ivan dmitri sergei olga natasha tatiana svetlana katarzyna agnieszka piotr "
                                            + "krzysztof tomasz erik lars björn astrid freja nils karin sven maja liam aiden mason logan "
                                            + "elijah ava amelia harper ella chloe zoe nora lily leah hazel violet aurora stella jordan "
                                            + "taylor morgan casey jamie alex sam chris max ben tom nick kate jane ellen clara eva nina")
                                    .split(" ", -1))
                    .collect(Collectors.toUnmodifiableSet());

    private GivenNames() {}

    /** The share in [0, 1] of cells one word of which is a common given name. */
    static double share(List<Cell> cells) {
        if (cells.isEmpty()) {
            return 0;
        }
        long known = cells.stream().filter(c -> isName(c.text())).count();
        return (double) known / cells.size();
    }

    private static boolean isName(String cell) {
        for (String word : cell.toLowerCase(Locale.ROOT).split("[ ,.]+", 5)) {
            if (NAMES.contains(word)) {
                return true;
            }
        }
        return false;
    }
}
